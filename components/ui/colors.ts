/** Returns the values of color variables in the current theme, for drawing on a canvas. Browser only. */
export function readColors<N extends string>(names: readonly N[]): Record<N, string> {
  const probe = document.createElement("span")
  probe.hidden = true
  document.body.append(probe)
  const colors = {} as Record<N, string>
  for (const name of names) {
    probe.style.color = `var(${name})`
    colors[name] = getComputedStyle(probe).color
  }
  probe.remove()
  return colors
}

/** Calls the listener when the theme changes, in Turnline or in the system. Returns a function that removes it. */
export function onThemeChange(listener: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)")
  const own = new MutationObserver(listener)
  own.observe(document.documentElement, { attributeFilter: ["data-theme"] })
  system.addEventListener("change", listener)
  return () => {
    own.disconnect()
    system.removeEventListener("change", listener)
  }
}
