import pg from 'pg';

/** The schema of each tenant by its uuid, as it is now. */
export async function knownTenants(databaseUrl: string): Promise<ReadonlyMap<string, string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; schema: string }>(
      'SELECT id, schema FROM public.clients',
    );
    return new Map(rows.map(({ id, schema }) => [id, schema]));
  } finally {
    await client.end();
  }
}
