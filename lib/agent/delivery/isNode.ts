/** True in Node, where connections and timers can be kept from holding the process open. */
export function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } }
  return typeof process?.versions?.node === "string"
}
