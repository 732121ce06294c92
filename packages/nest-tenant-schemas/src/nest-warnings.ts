import { Logger } from '@nestjs/common';
import { sendWarningsTo } from './core/warnings.js';

// Only module files and `request` import Nest: what holds state is then loaded once, as docs/decisions/0020-package.md says.
sendWarningsTo((message, source) => new Logger(source).warn(message));
