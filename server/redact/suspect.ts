// Anchored at the rarer character, from which each looks back: that is several times faster than to look ahead from a letter.
const FORMS =
  /[_-](?<=gh[pousr]_|github_pat_|[srp]k_(?:live|test)_|whsec_|npm_(?=[A-Za-z0-9]{36})|hf_(?=[A-Za-z0-9]{30})|tl_(?=[0-9a-z]{8,32}_)|gl[a-z]{2,4}-|xox[abeoprs]-|xapp-|sk-(?=[A-Za-z0-9_-]{16})|pypi-)/
const LITERALS = ["AKIA", "ASIA", "AIza", "eyJ", "ya29.", "hooks.slack.com"]
const NAMES =
  /token(?!s)|cookie|(?:api|access|private|signing|encryption)[^a-z0-9]{0,3}key|pass(?:w|phrase|code)|[a-z_]pass=|pwd|authoriz|secret|credential|jwt|bearer|sig(?:nature)?=|auth=|private key/
const IN_ADDRESS = /:\/\/[^\s/@:"'\\]{0,256}:[^\s/@"'\\]{1,256}@/

/** Whether a text may hold a secret that `hideSecrets`, or a name in JSON, would hide: a quick look that says yes too often, never no wrongly. */
export function mayHoldSecrets(text: string): boolean {
  if (FORMS.test(text) || LITERALS.some((literal) => text.includes(literal))) return true
  return NAMES.test(text.toLowerCase()) || (text.includes("://") && IN_ADDRESS.test(text))
}
