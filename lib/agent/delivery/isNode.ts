/** True in Node, where connections and timers can be prevented from keeping the process alive. */
export function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } }
  return typeof process?.versions?.node === "string"
}
