"use strict";
(async () => {
  const places = [...document.querySelectorAll("[data-chart]")];
  const refuse = () => Promise.reject(new Error("This report loads nothing from outside."));
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
  const giveUp = (place, error) => {
    place.textContent = "This chart could not be drawn in this browser; its numbers stand below.";
    place.classList.add("hint");
    place.closest("figure").querySelector("details")?.setAttribute("open", "");
    console.error(error);
  };
  const inflate = (id) => {
    const packed = atob(document.getElementById(id).textContent.trim() || window.chartLibrary);
    const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
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
    if (copy.vconcat) {
      for (const part of copy.vconcat) part.width = Math.max(160, width - 64);
    } else {
      copy.width = Math.max(160, width);
      copy.autosize = { type: "fit-x", contains: "padding" };
    }
    if (width < MIDDLE) slim(copy, width < NARROW ? 1 : 2, width < NARROW);
    return copy;
  };
  const draw = async (place, charts, datasets) => {
    const specification = fitted(charts[Number(place.dataset.chart)], place.clientWidth);
    place.drawn?.finalize();
    place.drawn = await window.vegaEmbed(place, { ...specification, datasets }, options);
    place.width = place.clientWidth;
  };
  if (!places.length) return;
  try {
    const { charts, datasets } = JSON.parse(await inflate("data"));
    const library = document.createElement("script");
    library.textContent = await inflate("library");
    document.head.append(library);
    const drawAll = () =>
      Promise.all(
        places
          .filter((place) => place.width !== place.clientWidth)
          .map((place) => draw(place, charts, datasets).catch((error) => giveUp(place, error))),
      );
    await drawAll();
    let waiting;
    window.addEventListener("resize", () => {
      clearTimeout(waiting);
      waiting = setTimeout(drawAll, 150);
    });
    document.documentElement.dataset.charts = "drawn";
  } catch (error) {
    places.forEach((place) => giveUp(place, error));
  }
})();
