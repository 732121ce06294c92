#!/usr/bin/env node
import 'reflect-metadata';
import { runCommands } from 'nest-tenant-schemas/commands';
import { CliModule } from './cli.module.js';
import { packageVersion } from './config/package-version.js';

await runCommands(CliModule, { name: 'tenant-schemas', version: packageVersion() });
