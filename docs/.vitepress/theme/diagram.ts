import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref, watch } from 'vue';

/** Ends with the rendering of the last diagram. Mermaid has one set of options, so it renders one diagram at a time. */
let rendered = Promise.resolve('');

let count = 0;

async function render(code: string, isDark: boolean): Promise<string> {
  const { default: mermaid } = await import('mermaid');
  mermaid.initialize({ startOnLoad: false, theme: isDark ? 'dark' : 'neutral' });
  count += 1;
  const { svg } = await mermaid.render(`diagram-${count}`, code);
  return svg;
}

/** Draws the diagram of a fenced block, in the colours of the page. GitHub draws the same block itself. */
export const Diagram = defineComponent({
  props: { code: { type: String, required: true } },
  setup({ code }) {
    const { isDark } = useData();
    const svg = ref('');
    const draw = async (): Promise<void> => {
      rendered = rendered
        .catch(() => '')
        .then(() => render(decodeURIComponent(code), isDark.value));
      svg.value = await rendered;
    };
    onMounted(draw);
    watch(isDark, draw);
    return () => h('div', { class: 'diagram', innerHTML: svg.value });
  },
});
