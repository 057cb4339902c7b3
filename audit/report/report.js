"use strict";
(async () => {
  const places = [...document.querySelectorAll("[data-chart]")];
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
  const draw = async (place, charts, datasets) => {
    place.drawn?.finalize();
    place.drawn = await pageCharts.draw(place, charts[Number(place.dataset.chart)], { datasets });
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
