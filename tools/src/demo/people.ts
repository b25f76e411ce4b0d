/** A made-up member of the demo. */
export interface DemoPerson {
  readonly username: string
  readonly displayName: string
  /** Whether their profile is for followers alone. */
  readonly isPrivate: boolean
}

const NAMES = [
  ...['anna', 'ben', 'carla', 'dino', 'edda', 'finn'],
  ...['greta', 'hugo', 'ida', 'jonas', 'kira', 'leo'],
] as const
const PRIVATE: ReadonlySet<string> = new Set(['ida', 'leo'])

const personCalled = (name: string): DemoPerson => ({
  username: `demo-${name}`,
  displayName: `${name.charAt(0).toUpperCase()}${name.slice(1)} (demo)`,
  isPrivate: PRIVATE.has(name),
})

/** Whoever tries the demo signs in as this one. */
export const mainPerson = personCalled(NAMES[0])
/** Everybody else, none of them real. */
export const otherPeople: readonly DemoPerson[] = NAMES.slice(1).map(personCalled)
export const adminName = 'demo-admin'

/** How far along the list each of them follows others; the profile that is private has to be asked. */
const STEPS = [1, 3, 4] as const

/** Who follows or asks to follow whom, by username. */
export function followsOf(people: readonly DemoPerson[]): readonly (readonly [string, string])[] {
  return people.flatMap(({ username }, place) =>
    STEPS.flatMap((step) => {
      const other = people[(place + step) % people.length]
      return other ? [[username, other.username] as const] : []
    }),
  )
}

/** Keys that the broker's stand-in takes and no broker would. */
export const demoKeys = [
  { type: 'alpaca_paper', nickname: 'Main paper', key: 'PKFAKEDEMOMAIN0001' },
  { type: 'alpaca_paper', nickname: 'Swing ideas', key: 'PKFAKEDEMOSWING002' },
  { type: 'alpaca_live', nickname: 'Live (fake money)', key: 'AKFAKEDEMOLIVE0003' },
] as const
