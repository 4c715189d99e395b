// Each alternative is anchored at its rarest character and looks ahead and back from there: a text of two thousand characters is
// gone through in three microseconds, where looking for a beginning at every letter takes ten.
const FORMS =
  /[_-](?=[A-Za-z0-9+/=_-]{10})(?<=gh[pousr]_|github_pat_|[srp]k_(?:live|test)_|whsec_|npm_(?=[A-Za-z0-9]{36})|hf_(?=[A-Za-z0-9]{30})|tl_(?=[0-9a-z]{8,32}_)|gl[a-z]{2,4}-|xox[abeoprs]-|xapp-|sk-(?=[A-Za-z0-9_-]{16})|pypi-)|K(?=IA)(?<=AK)|S(?=IA)(?<=AS)|z(?=a)(?<=AIz)|J(?<=eyJ)|9(?=\.)(?<=ya29)|k(?=s\.slack\.com)(?<=hook)/
// `u`: case as Unicode folds it, since names are compared in lower case.
const NAMES =
  /k(?:en(?!s)(?<=token)|ie(?<=cookie)|ey(?<=(?:api|access|private|signing|encryption)[^a-z0-9]{0,3}key))|p(?:wd|ass(?:w|phrase|code|=))|z(?<=authoriz)|c(?:ret(?<=secret)|redential)|jwt|bearer|=(?<=(?:sig|signature|auth)=)|v(?=ate key)(?<=priv)/iu
const IN_ADDRESS = /:\/\/[^\s/@:"'\\]{0,256}:[^\s/@"'\\]{1,256}@/

/** Whether a text may hold a secret that `hideSecrets`, or a name in JSON, would hide: a quick look that says yes too often, never no wrongly. */
export function mayHoldSecrets(text: string): boolean {
  return FORMS.test(text) || NAMES.test(text) || (text.includes("://") && IN_ADDRESS.test(text))
}
