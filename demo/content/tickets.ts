import type { Chance } from "@/demo/Chance"

export type Ticket = {
  id: string
  customer: { id: string; name: string; since: number; plan: string; language: string }
  subject: string
  text: string
  order: { id: string; total_eur: number; items: string[]; state: string }
  request: "refund" | "replacement" | "question"
}

const NAMES = [
  "Ines Holt",
  "Jonas Bratt",
  "Mei Tanaka",
  "Olu Adeyemi",
  "Petra Lindqvist",
  "Samir Haddad",
  "Tova Reiss",
  "محمد سالم",
  "Зоя Орлова",
  "李小雨",
]
const ITEMS = [
  "tea kettle",
  "desk lamp",
  "wool blanket",
  "bread knife",
  "rain jacket",
  "garden hose",
  "wall clock",
  "travel mug",
]
const COMPLAINTS = {
  refund: [
    "arrived with a crack 😞 and I would like my money back",
    "never came, even though the tracking says delivered",
    "is a different color from the picture. Please refund it",
  ],
  replacement: [
    "stopped working after a week. Could you send another one?",
    "came without its screws",
    "has the wrong plug for my country",
  ],
  question: [
    "— can it go in the dishwasher?",
    "— when will it be in stock again?",
    "— is the guarantee valid abroad?",
  ],
} as const

/** A ticket from a customer, and what the shop knows about them. */
export function aTicket(chance: Chance): Ticket {
  const request = chance.pick(["refund", "refund", "replacement", "question"] as const)
  const item = chance.pick(ITEMS)
  const name = chance.pick(NAMES)
  return {
    id: `T-${chance.whole(10_000, 99_999)}`,
    customer: {
      id: `c_${chance.hex(8)}`,
      name,
      since: chance.whole(2016, 2031),
      plan: chance.pick(["basic", "plus", "business"]),
      language: chance.pick(["en", "de", "ja", "ar", "sv"]),
    },
    subject: `My ${item}`,
    text: `Hello,\n\nmy ${item} ${chance.pick(COMPLAINTS[request])}\n\nThanks,\n${name}`,
    order: {
      id: `o_${chance.whole(100_000, 999_999)}`,
      total_eur: chance.whole(900, 18_000) / 100,
      items: [item, ...chance.some(ITEMS, chance.whole(0, 2))],
      state: chance.pick(["delivered", "delivered", "in transit", "returned"]),
    },
    request,
  }
}
