<?php

declare(strict_types=1);

// Sample artifact, in place of what the repository of this service builds.
const RELEASE = '2026.11.0';

header('Content-Type: application/json');
echo json_encode(['service' => 'forum', 'release' => RELEASE, 'php' => PHP_VERSION]);
