// What the first visit begins with; later ones keep what the visitor has chosen.
localStorage.getItem("KedroViz") || localStorage.setItem("KedroViz", JSON.stringify({
  theme: "light", isPrettyName: true, showFeatureHints: false, visible: { miniMap: false },
}));

// Names and roles that screen readers need and kedro-viz 12.5 leaves out.
const mend = () => {
  for (const box of document.querySelectorAll("input.toggle-control__checkbox:not([aria-label])"))
    box.setAttribute("aria-label", `${box.name}: ${box.dataset.iconType || "visible"}`);
  for (const handle of document.querySelectorAll("[role=separator][tabindex]:not([aria-valuenow])"))
    handle.setAttribute("aria-valuenow", "50");
  for (const menu of document.querySelectorAll("div.dropdown[aria-expanded]:not([role])"))
    menu.removeAttribute("aria-expanded");
  for (const list of document.querySelectorAll("ul.pipeline-global-routes-toolbar:not([role])"))
    list.setAttribute("role", "group");
  for (const item of document.querySelectorAll("[role=group] li:not([role])"))
    item.setAttribute("role", "none");
};
new MutationObserver(mend).observe(document, {
  subtree: true, childList: true, attributeFilter: ["aria-expanded"],
});
