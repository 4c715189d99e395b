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
    question: "Would a night train between two harbor towns 900 km apart pay for itself?",
    angles: [
      "what a berth costs to run",
      "who travels at night today",
      "track charges after midnight",
      "sleeping car supply",
    ],
    findings: [
      "A berth breaks even at about two thirds occupancy; seats alone never do.",
      "Half of the passengers on comparable lines would have flown, and a fifth would have stayed at home.",
      "Track is cheaper at night, but maintenance closes it one week in five.",
      "New sleeping cars take three years to arrive; leased ones cost a third more per kilometer.",
    ],
    doubt: "All figures come from operators who want subsidies.",
  },
  {
    subject: "Town trees",
    question: "Which trees should a town plant if its summers get two degrees warmer?",
    angles: ["drought losses of the last ten years", "roots and pavements", "pollen", "price of saplings"],
    findings: [
      "Limes lost a fifth of their crowns in dry years; field maples a twentieth.",
      "Structural soil halves the damage from roots, and doubles the price of a planting pit.",
      "Mixed rows lose fewer trees to any single disease; no more than a tenth of one kind is a common rule.",
      "Young trees need water for three summers: that costs more than the tree.",
    ],
    doubt: "Ten years of records is short for a tree.",
  },
  {
    subject: "Reading glasses for machines",
    question: "How well do small models read tables in scanned documents, and where do they go wrong?",
    angles: ["merged cells", "rotated pages", "decimal commas and points", "cost per thousand pages"],
    findings: [
      "Merged header cells cause half of all errors.",
      "A page that is rotated by less than two degrees loses nothing; at five it loses a row in thirty.",
      "Decimal commas are read correctly if a column has a unit, and guessed if not.",
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
      "Washable ceiling panels exist, and pay for themselves within a year through fewer sick days.",
      "Cooks name the plates first, but meters name the fan.",
    ],
    doubt: "No study followed a kitchen for more than six months.",
  },
  {
    subject: "Letters that arrive",
    question: "Why do some newsletters land in spam even though everything is signed?",
    angles: ["reputation of shared senders", "links and their age", "how people unsubscribe", "warming up"],
    findings: [
      "A signature says who sent it, not whether anybody wants it.",
      "A link to a domain younger than a month counts for more than any word in the text.",
      "Every unsubscribe that takes more than one step turns into complaints.",
      "Sending to recent readers first, and widening from there, repairs a reputation in about four weeks.",
    ],
    doubt: "The filters change faster than papers about them are written.",
  },
]
