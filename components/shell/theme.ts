import { basePath } from "@/lib/live/pagePath"
import { themeCookie } from "./themeCookie"

export type Theme = "system" | "light" | "dark"

const YEAR_S = 365 * 24 * 3600

/** Returns the viewer's choice; by default, the system's theme. Browser only. */
export function readTheme(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === "light" || theme === "dark" ? theme : "system"
}

/** Applies a theme and stores it in a cookie, so that the server renders the next page with it. */
export function setTheme(theme: Theme): void {
  const root = document.documentElement
  const secure = location.protocol === "https:" ? "; secure" : ""
  if (theme === "system") delete root.dataset.theme
  else root.dataset.theme = theme
  const age = theme === "system" ? 0 : YEAR_S
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain http
  document.cookie = `${themeCookie()}=${theme}; path=${basePath() || "/"}; max-age=${age}; samesite=lax${secure}`
}

/** Switches between light and dark. If the new theme is the system's, the choice becomes "system" again. */
export function toggleTheme(): void {
  const systemDark = matchMedia("(prefers-color-scheme: dark)").matches
  const current = readTheme()
  const isDark = current === "system" ? systemDark : current === "dark"
  const next = isDark ? "light" : "dark"
  setTheme((next === "dark") === systemDark ? "system" : next)
}
