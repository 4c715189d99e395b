export type Theme = "system" | "light" | "dark"

const COOKIE = "turnline_theme"
const YEAR_S = 365 * 24 * 3600

/** The reader's choice; the system's theme until one is made. Browser only. */
export function readTheme(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === "light" || theme === "dark" ? theme : "system"
}

/** Applies a choice at once and keeps it in a cookie, so that the server's next page is painted in it. */
export function setTheme(theme: Theme): void {
  const root = document.documentElement
  const secure = location.protocol === "https:" ? "; secure" : ""
  if (theme === "system") delete root.dataset.theme
  else root.dataset.theme = theme
  const age = theme === "system" ? 0 : YEAR_S
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain http
  document.cookie = `${COOKIE}=${theme}; path=/; max-age=${age}; samesite=lax${secure}`
}

/** From what is seen now to the other one; back to the system's when that is the same. */
export function toggleTheme(): void {
  const systemDark = matchMedia("(prefers-color-scheme: dark)").matches
  const shown = readTheme()
  const dark = shown === "system" ? systemDark : shown === "dark"
  const wanted = dark ? "light" : "dark"
  setTheme((wanted === "dark") === systemDark ? "system" : wanted)
}
