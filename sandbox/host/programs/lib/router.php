<?php

declare(strict_types=1);

// Runs the page that the sandbox's web server names in headers. The port is open to every program of this machine: only who
// knows the token is answered.
if (!hash_equals((string) getenv('SANDBOX_PHP_TOKEN'), $_SERVER['HTTP_X_SANDBOX_TOKEN'] ?? '')) {
    http_response_code(403);
    return;
}
$_SERVER['DOCUMENT_ROOT'] = rawurldecode($_SERVER['HTTP_X_SANDBOX_ROOT']);
$_SERVER['SCRIPT_FILENAME'] = rawurldecode($_SERVER['HTTP_X_SANDBOX_SCRIPT']);
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = substr($_SERVER['SCRIPT_FILENAME'], strlen($_SERVER['DOCUMENT_ROOT']));
$_SERVER['HTTP_HOST'] = $_SERVER['SERVER_NAME'] = $_SERVER['HTTP_X_SANDBOX_HOST'];
foreach (['TOKEN', 'ROOT', 'SCRIPT', 'HOST'] as $sandbox) {
    unset($_SERVER["HTTP_X_SANDBOX_$sandbox"]);
}
unset($sandbox);
chdir(dirname($_SERVER['SCRIPT_FILENAME']));
require $_SERVER['SCRIPT_FILENAME'];
