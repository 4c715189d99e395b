import { basePath } from "@/lib/live/pagePath"

/** Returns the name of the cookie with the viewer's theme. Servers under other paths of the same host have their own. */
export function themeCookie(): string {
  return `turnline_theme${basePath().replaceAll("/", "_")}`
}
