/** The result of a check. */
export type Check = { level: "ok" | "warning" | "problem"; name: string; message: string }
export type Env = Readonly<Record<string, string | undefined>>
