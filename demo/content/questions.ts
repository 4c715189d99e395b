/** A question for the researcher, with invented sources. */
export type Question = {
  subject: string
  question: string
  angles: readonly string[]
  findings: readonly string[]
  doubt: string
}

export const QUESTIONS: readonly Question[] = [
  {
    subject: "Night trains",
    question: "Would a night train between two harbour towns 900 km apart pay for itself?",
    angles: [
      "what a berth costs to run",
      "who travels at night today",
      "track charges after midnight",
      "sleeping car supply",
    ],
    findings: [
      "A berth is paid for at about two thirds occupancy; seats alone never get there.",
      "Half of the passengers of comparable lines would have flown, a fifth would have stayed at home.",
      "Track is cheaper at night, but maintenance closes it one week in five.",
      "New sleeping cars take three years to come; leased ones cost a third more a kilometre.",
    ],
    doubt: "All figures come from operators who want subsidies.",
  },
  {
    subject: "Town trees",
    question: "Which trees should a town plant if its summers grow two degrees warmer?",
    angles: ["drought losses of the last ten years", "roots and pavements", "pollen", "price of saplings"],
    findings: [
      "Limes lost a fifth of their crowns in dry years; field maples a twentieth.",
      "Structural soil halves the damage that roots do, and doubles the price of a pit.",
      "Mixed rows lose fewer trees to any single disease; no more than a tenth of one kind is a common rule.",
      "Young trees need water for three summers: that costs more than the tree.",
    ],
    doubt: "Ten years of records is short for a tree.",
  },
  {
    subject: "Reading glasses for machines",
    question: "How well do small models read tables in scanned documents, and where do they go wrong?",
    angles: ["merged cells", "rotated pages", "numbers with two kinds of commas", "cost per thousand pages"],
    findings: [
      "Merged header cells cause half of all errors.",
      "A page that is rotated by less than two degrees loses nothing; at five it loses a row in thirty.",
      "Decimal commas are read right when one column has a unit, and guessed when none has.",
      "Two passes by a small model beat one by a large model at a third of the price.",
    ],
    doubt: "The test pages were clean scans; real ones have coffee on them.",
  },
  {
    subject: "Quiet kitchens",
    question: "What makes a restaurant kitchen loud, and what is worth doing about it?",
    angles: ["extractor hoods", "dish washing", "floors and ceilings", "what cooks say"],
    findings: [
      "The hood is the floor of the noise: nothing below it matters until it is quieter.",
      "Slower, larger fans move the same air at nine decibels less.",
      "Ceiling panels that can be hosed down exist and pay back in a year of sick days.",
      "Cooks name the plates first, although meters name the fan.",
    ],
    doubt: "No study followed a kitchen for more than six months.",
  },
  {
    subject: "Letters that arrive",
    question: "Why do some newsletters land in spam although everything is signed?",
    angles: ["reputation of shared senders", "links and their age", "how people unsubscribe", "warming up"],
    findings: [
      "A signature says who sent it, not whether anybody wants it.",
      "A link domain younger than a month weighs more than any word in the text.",
      "Every unsubscribe that takes more than one step turns into complaints.",
      "Sending to those who opened lately, and widening from there, repairs a name in about four weeks.",
    ],
    doubt: "The filters change faster than papers are written.",
  },
]
