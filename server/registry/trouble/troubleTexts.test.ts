import { expect, test } from "vitest"
import { dollarText, factorText, readDollars } from "./troubleTexts"

test("amounts and factors have only significant digits", () => {
  expect([291.4, 2.914, 0.0029, 0].map(dollarText)).toEqual(["$291", "$2.91", "$0.0029", "$0"])
  expect([60.4, 5.44].map(factorText)).toEqual(["60×", "5.4×"])
})

test("a budget is a valid amount of dollars or undefined", () => {
  expect(["20", "$20", " 20.50 "].map(readDollars)).toEqual([20, 20, 20.5])
  for (const text of [undefined, "", "a lot", "-1", "1e3", "NaN", "Infinity", "20 EUR"])
    expect(readDollars(text), String(text)).toBeUndefined()
})
