/** A bar of a chart, with the least and most that were seen. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const LABEL_WIDTH = 250;
const BAR_HEIGHT = 16;
const GROUP_GAP = 30;
const COLORS = [
  '#9aa0a6',
  '#1a73e8',
  '#669df6',
  '#aecbfa',
  '#f9ab00',
  '#d93025',
  '#34a853',
  '#9334e6',
];

/**
 * Horizontal bars in groups, as an SVG picture, with a line at 1.
 *
 * @param labels all labels there are, which fixes a bar's colour in every group
 */
export function barChart(
  title: string,
  labels: readonly string[],
  groups: readonly BarGroup[],
): string {
  const most = Math.max(1, ...groups.flatMap(({ bars }) => bars.map((bar) => bar.most)));
  const x = (value: number): number =>
    Math.round(LABEL_WIDTH + (value / most) * (WIDTH - LABEL_WIDTH - 50));
  const parts: string[] = [];
  let y = 40;
  for (const group of groups) {
    parts.push(text(10, (y += GROUP_GAP) - 8, group.title, 'font-weight="bold"'));
    for (const bar of group.bars) {
      parts.push(...drawBar(bar, y, x, COLORS[labels.indexOf(bar.label) % COLORS.length] ?? ''));
      y += BAR_HEIGHT + 3;
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 20}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(10, 24, title, 'font-size="15"'),
    ...parts,
    `<line x1="${x(1)}" x2="${x(1)}" y1="40" y2="${y}" stroke="#000" stroke-dasharray="3"/>`,
    '</svg>\n',
  ].join('\n');
}

function drawBar(bar: Bar, y: number, x: (value: number) => number, color: string): string[] {
  const middle = y + BAR_HEIGHT / 2;
  return [
    text(LABEL_WIDTH - 8, middle + 4, bar.label, 'text-anchor="end"'),
    `<rect x="${x(0)}" y="${y}" width="${x(bar.value) - x(0)}" height="${BAR_HEIGHT}" fill="${color}"/>`,
    `<line x1="${x(bar.least)}" x2="${x(bar.most)}" y1="${middle}" y2="${middle}" stroke="#000"/>`,
    text(x(bar.most) + 6, middle + 4, bar.value.toFixed(2)),
  ];
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}
