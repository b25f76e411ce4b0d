/** So many uses may be under way at once whoever's they are: half of the connections that one host may have. */
const FOR_ANYBODY = 64
/** Beyond that, a member gets no further than this: it takes eight more of them to hold the rest. */
const PER_OWNER = 8

/** Counts the uses that are under way, so that no two or three members hold what all share. */
export interface Seats {
  /** Takes a seat for a use of this member, to be left once; `undefined` when there is none for them. */
  take(owner: string): { leave(): void } | undefined
}

/** All seats are free. */
export function createSeats(): Seats {
  const taken = new Map<string, number>()
  let all = 0
  return {
    take(owner) {
      const count = taken.get(owner) ?? 0
      if (all >= FOR_ANYBODY && count >= PER_OWNER) return undefined
      taken.set(owner, count + 1)
      all++
      return {
        leave() {
          all--
          const left = (taken.get(owner) ?? 1) - 1
          if (left > 0) taken.set(owner, left)
          else taken.delete(owner)
        },
      }
    },
  }
}
