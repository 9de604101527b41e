<?php

namespace Piwik;

final class Version
{
    const VERSION = '5.5.1';
    const MAJOR_VERSION = 5;
}
