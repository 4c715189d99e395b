/** Returns the URL if it is http or https, otherwise undefined. */
export function safeHref(href: string): string | undefined {
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return undefined
  const { protocol } = new URL(href)
  return protocol === "http:" || protocol === "https:" ? href : undefined
}
