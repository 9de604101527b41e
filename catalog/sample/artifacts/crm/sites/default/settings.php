<?php

$databases['default']['default'] = ['url' => getenv('DATABASE_URL')];
