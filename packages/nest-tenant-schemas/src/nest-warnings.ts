import { Logger } from '@nestjs/common';
import { sendWarningsTo } from './core/warnings.js';

// Only module files and `request` import Nest. Files with state are then loaded once:
// docs/decisions/0020-package.md.
sendWarningsTo((message, source) => new Logger(source).warn(message));
