/** The URL if it may be followed: http and https only. Undefined for any other. */
export function safeHref(href: string): string | undefined {
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return undefined
  const { protocol } = new URL(href)
  return protocol === "http:" || protocol === "https:" ? href : undefined
}
