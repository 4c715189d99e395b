/** A map that drops its oldest entries beyond a limit. */
export class BoundedMap<K, V> extends Map<K, V> {
  constructor(private readonly limit: number) {
    super()
  }

  override set(key: K, value: V): this {
    super.delete(key)
    super.set(key, value)
    const [oldest] = this.keys()
    if (this.size > this.limit && oldest !== undefined) super.delete(oldest)
    return this
  }
}
