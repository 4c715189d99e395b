/** Colour variables as a canvas can use them, resolved for the theme in force. Browser only. */
export function readColours<N extends string>(names: readonly N[]): Record<N, string> {
  const probe = document.createElement("span")
  probe.hidden = true
  document.body.append(probe)
  const colours = {} as Record<N, string>
  for (const name of names) {
    probe.style.color = `var(${name})`
    colours[name] = getComputedStyle(probe).color
  }
  probe.remove()
  return colours
}

/** Calls back when the theme changes, by choice or by the system. Returns how to stop. */
export function onThemeChange(listener: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)")
  const choice = new MutationObserver(listener)
  choice.observe(document.documentElement, { attributeFilter: ["data-theme"] })
  system.addEventListener("change", listener)
  return () => {
    choice.disconnect()
    system.removeEventListener("change", listener)
  }
}
