// Draws the charts of the page. `CHARTS` and `uPlot` stand before it.
/* global CHARTS, uPlot */
const colours = ['--bar', '--missed', '--met', '--faint'];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const place = document.getElementById('charts');

/** Repetitions are whole. */
const ticksOf = ({ x }) => (x === 'repetition' ? { incrs: [1, 2, 5, 10, 20, 50, 100] } : {});

function draw() {
  place.replaceChildren();
  const axis = (label) => ({
    label,
    stroke: colour('--faint'),
    grid: { stroke: colour('--line') },
    ticks: { stroke: colour('--line') },
  });
  for (const chart of CHARTS) {
    const series = chart.names.map((label, index) => ({
      label,
      stroke: colour(colours[index % colours.length]),
      width: 2,
      points: { show: true, size: 6 },
      spanGaps: true,
    }));
    const options = {
      title: chart.title,
      width: Math.min(place.clientWidth, 520),
      height: 260,
      scales: {
        x: { time: false, distr: chart.isLogarithmic ? 3 : 1 },
        y: { range: (_self, _least, most) => [0, most * 1.1 || 1] },
      },
      axes: [
        { ...axis(chart.x), ...ticksOf(chart) },
        { ...axis(chart.y), size: 70 },
      ],
      series: [{ label: chart.x }, ...series],
    };
    new uPlot(options, chart.columns, place);
  }
}

draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
