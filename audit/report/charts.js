// How a chart of ours is drawn on a page: its colours, its width, and nothing from outside.
const pageCharts = (() => {
  const refuse = () => Promise.reject(new Error("This page loads nothing from outside."));
  const NARROW = 520;
  const MIDDLE = 860;
  const ink = "currentColor";
  const config = {
    background: "transparent",
    font: "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif",
    axis: {
      labelColor: ink, titleColor: ink, domainColor: ink, tickColor: ink, gridColor: ink,
      domainOpacity: 0.4, tickOpacity: 0.4, gridOpacity: 0.12, titleFontWeight: "normal",
      titlePadding: 10,
    },
    legend: { labelColor: ink, titleColor: ink, titleFontWeight: "normal" },
    text: { color: ink },
    title: { color: ink },
  };
  const options = {
    mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, config,
    tooltip: { disableDefaultStyle: true, theme: "report" },
    loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse, options: {} },
  };
  const slim = (part, columns, narrow) => {
    if (part === null || typeof part !== "object") return;
    for (const [name, value] of Object.entries(part)) {
      if (name === "legend" && value) value.columns = columns;
      if (name === "axis" && value && narrow) Object.assign(value, { tickCount: 3, labelLimit: 130, labelFontSize: 10 });
      slim(value, columns, narrow);
    }
  };
  const fitted = (specification, width) => {
    const copy = structuredClone(specification);
    delete copy.$schema; // that of the notebook's front-ends; both versions draw it alike
    if (copy.vconcat) {
      for (const part of copy.vconcat) part.width = Math.max(160, width - 64);
    } else {
      copy.width = Math.max(160, width);
      copy.autosize = { type: "fit-x", contains: "padding" };
    }
    if (width < MIDDLE) slim(copy, width < NARROW ? 1 : 2, width < NARROW);
    return copy;
  };
  const draw = (place, specification, more = {}) =>
    window.vegaEmbed(place, { ...fitted(specification, place.clientWidth), ...more }, options);
  return { draw };
})();
