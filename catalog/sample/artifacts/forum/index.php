<?php

declare(strict_types=1);

// Sample artifact, in place of what the repository of this service builds. Says which release its code is of.
$release = trim((string) file_get_contents(__DIR__ . '/.well-known/sitefleet-release'));
header("X-Release: $release");
?>
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Community forum</title>
  </head>
  <body>
    <h1>Community forum</h1>
    <p>Sample artifact of forum, in place of what its repository builds.</p>
    <p>Version 2026.11.0, release <code><?= htmlspecialchars($release) ?></code>, PHP <?= PHP_VERSION ?></p>
  </body>
</html>
