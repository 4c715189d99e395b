/** Who refused a tool call: the user, a permission rule, a hook, or a policy that applies if nobody can be asked. */
export type Denial = "user" | "rule" | "hook" | "policy"

/** Returns who refused a call according to its result's text. Undefined if the text doesn't report a refusal. */
export function denialInText(text: string): Denial | undefined {
  if (text.startsWith("The user doesn't want to ")) return "user"
  if (/^Permission to use .* has been denied/.test(text)) return "rule"
  if (/^(This command requires approval|Claude requested permissions )/.test(text)) return "policy"
  if (/hook/i.test(text.slice(0, 80)) && /(denied|blocked)/.test(text.slice(0, 200))) return "hook"
  return undefined
}
