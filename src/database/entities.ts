import { AuditEntry } from '../audit/audit-entry.entity.js';
import { Client } from '../clients/client.entity.js';
import { Choice } from '../polls/choice.entity.js';
import { Poll } from '../polls/poll.entity.js';
import { Vote } from '../polls/votes/vote.entity.js';
import { User } from '../users/user.entity.js';

/** All entities. Those of the shared schema name their schema, and the others belong to each tenant. */
export const entities = [AuditEntry, Client, User, Poll, Choice, Vote];
