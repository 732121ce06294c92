// The site of the Markdown files in this folder. The build fails for a link to a page that does not exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type MarkdownRenderer } from 'vitepress';
import { slug } from '../checks/slug.js';

const DOCS = join(import.meta.dirname, '..');

interface Item {
  readonly text: string;
  readonly link: string;
}

/** Returns the entry of a page in the sidebar. Default text: the title of the page. */
function page(path: string, text = titleOf(path)): Item {
  return { text, link: `/${path.replace(/(?:index|README)?\.md$/, '')}` };
}

function titleOf(path: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(DOCS, path), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`docs/${path} has no title. Begin it with "# ".`);
  return title.replaceAll('`', '');
}

/** Returns the pages of a folder in the order of their names, without its first page. */
function pagesOf(folder: string): Item[] {
  return readdirSync(join(DOCS, folder))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => page(`${folder}/${name}`));
}

/** Returns the entries that typedoc wrote. */
function apiItems(): Item[] {
  const sidebar = join(DOCS, 'api/typedoc-sidebar.json');
  return existsSync(sidebar) ? (JSON.parse(readFileSync(sidebar, 'utf8')) as Item[]) : [];
}

const GUIDES = [
  'migrations',
  'testing',
  'jobs-and-events',
  'roles',
  'poolers',
  'replicas',
  'docker',
  'kubernetes',
  'monitoring',
  'backups',
];

/** Renders blocks of Mermaid as diagrams (theme/diagram.ts). */
function renderDiagrams({ renderer }: MarkdownRenderer): void {
  const { fence } = renderer.rules;
  renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index] ?? {};
    if (info?.trim() !== 'mermaid') return fence?.(tokens, index, ...rest) ?? '';
    return `<Diagram code="${encodeURIComponent(content ?? '')}" />`;
  };
}

export default defineConfig({
  title: 'nest-tenant-schemas',
  description: 'Schema-per-tenant for NestJS, TypeORM and PostgreSQL',
  cleanUrls: true,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcExclude: ['node_modules/**', 'checks/**'],
  rewrites: {
    'benchmarks/README.md': 'benchmarks/index.md',
    'decisions/README.md': 'decisions/index.md',
  },
  // Files of the repository that are not pages, and servers that the reader starts. checks/links.js checks the former.
  ignoreDeadLinks: [/\.\.\/(?!docs\/)/, /^https?:\/\/(?:localhost|127\.0\.0\.1)/],
  markdown: { anchor: { slugify: slug }, config: renderDiagrams },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Quick start', link: '/quick-start' },
      { text: 'Add tenants', link: '/adding-tenants' },
      { text: 'Commands', link: '/cli' },
      { text: 'Isolation', link: '/isolation' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          page('index.md'),
          page('quick-start.md'),
          page('adding-tenants.md'),
          page('converting-a-feature.md'),
        ],
      },
      { text: 'Guides', items: GUIDES.map((name) => page(`guides/${name}.md`)) },
      { text: 'Recipes', collapsed: true, items: pagesOf('recipes') },
      {
        text: 'Operating',
        items: [
          page('cli.md'),
          page('operating/deploying-migrations.md'),
          page('operating/server.md'),
          page('operating/troubleshooting.md'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('isolation.md'),
          page('errors.md'),
          page('architecture.md'),
          page('glossary.md'),
          page('upgrading.md'),
        ],
      },
      { text: 'Coming from', collapsed: true, items: pagesOf('coming-from') },
      {
        text: 'Benchmarks',
        collapsed: true,
        items: [page('benchmarks/README.md'), ...pagesOf('benchmarks')],
      },
      {
        text: 'Decisions',
        collapsed: true,
        items: [page('decisions/README.md'), ...pagesOf('decisions')],
      },
      { text: 'API reference', collapsed: true, items: apiItems() },
    ],
  },
});
