// Why the patch changes the scope of the loader: a loader that requests share gives rows of one tenant to another.
import { Injectable } from '@nestjs/common';
import { AuthorLoader } from '../multi-tenant/authors/author.loader.js';
import { CREATE_AUTHOR } from './cases.js';
import { useTenants } from './use-tenants.js';

/** The loader without the patch: one for all requests. */
@Injectable()
class SharedLoader extends AuthorLoader {}

const { clients, together } = useTenants((builder) =>
  builder.overrideProvider(AuthorLoader).useClass(SharedLoader),
);

it('mixes tenants in a batch if requests share a loader', async () => {
  await clients.a.ask(CREATE_AUTHOR, { name: 'Of A' });
  await clients.b.ask(CREATE_AUTHOR, { name: 'Of B' });
  const query = '{ author(id: 1) { name } }';
  const [ofA, ofB] = await together.send(
    () => clients.a.get(query),
    () => clients.b.get(query),
  );
  // Both requests get the author of the tenant whose request began the batch.
  expect(ofB?.data).toEqual(ofA?.data);
});
