import { PriceList } from "./PriceList"
import { readCustomPrices } from "./readCustomPrices"

/**
 * Creates the price list for a setting: `on`, `off` (none), or the path of a file with custom prices.
 *
 * @throws {PriceFileError} with a message about the problem with the file
 */
export function createPriceList(setting: string): PriceList | undefined {
  if (setting === "off") return undefined
  return new PriceList(setting === "on" ? [] : readCustomPrices(setting))
}
