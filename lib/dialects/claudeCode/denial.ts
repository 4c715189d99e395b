/** Who refused a tool call: the person, a permission rule, a hook, or a policy without anybody to ask. */
export type Denial = "user" | "rule" | "hook" | "policy"

/** The refusal that the text of a result reports; undefined if it reports none. */
export function denialInText(text: string): Denial | undefined {
  if (text.startsWith("The user doesn't want to ")) return "user"
  if (/^Permission to use .* has been denied/.test(text)) return "rule"
  if (/^(This command requires approval|Claude requested permissions )/.test(text)) return "policy"
  if (/hook/i.test(text.slice(0, 80)) && /(denied|blocked)/.test(text.slice(0, 200))) return "hook"
  return undefined
}
