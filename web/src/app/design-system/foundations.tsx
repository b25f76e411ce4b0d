import { classNames } from '../../ui/class-names.ts'
import { InBothThemes } from './in-both-themes.tsx'

const COLOURS = [
  { name: 'ground', look: 'bg-ground', use: 'Behind everything' },
  { name: 'surface', look: 'bg-surface', use: 'Cards, fields, menus' },
  { name: 'sunken', look: 'bg-sunken', use: 'Heads of tables, what is hovered' },
  { name: 'line', look: 'bg-line', use: 'Between things' },
  { name: 'line-strong', look: 'bg-line-strong', use: 'Around what can be used' },
  { name: 'ink', look: 'bg-ink', use: 'Text' },
  { name: 'ink-soft', look: 'bg-ink-soft', use: 'Text that explains' },
  { name: 'accent', look: 'bg-accent', use: 'The one thing to do' },
  { name: 'accent-strong', look: 'bg-accent-strong', use: 'The same, hovered' },
  { name: 'accent-soft', look: 'bg-accent-soft', use: 'What is chosen' },
  { name: 'danger', look: 'bg-danger', use: 'Losses, failures' },
  { name: 'warning', look: 'bg-warning', use: 'What needs attention' },
  { name: 'good', look: 'bg-good', use: 'Gains, what is well' },
  { name: 'live', look: 'bg-live', use: 'LIVE, never by colour alone' },
  { name: 'paper', look: 'bg-paper', use: 'PAPER, never by colour alone' },
  { name: 'focus', look: 'bg-focus', use: 'The ring of what has the focus' },
] as const

const TYPES = [
  { look: 'text-3xl font-semibold', name: 'The first page alone, 30' },
  { look: 'text-2xl font-semibold', name: 'Heading of a page, 24' },
  { look: 'text-xl font-semibold figures', name: 'Figures of an account, 20' },
  { look: 'text-lg font-semibold', name: 'Heading of a card, 18' },
  { look: 'text-base', name: 'Text, 16' },
  { look: 'text-sm', name: 'Tables and what explains, 14' },
  { look: 'text-xs font-medium', name: 'Badges, 12' },
  { look: 'font-mono text-sm', name: 'Keys and codes, 14' },
] as const

const SPACES = [
  { name: '4, between a label and its field', look: 'w-1' },
  { name: '8, between buttons', look: 'w-2' },
  { name: '12, between items of a list', look: 'w-3' },
  { name: '16, inside a card and at the edge of a phone', look: 'w-4' },
  { name: '24, between cards', look: 'w-6' },
  { name: '48, between parts of the first page', look: 'w-12' },
] as const

/** Colours, type and spacing. */
export function Foundations() {
  return (
    <>
      <InBothThemes title="Colours" note="Named by meaning. Components use the name, never a shade.">
        {() => (
          <ul className="grid gap-2 sm:grid-cols-2">
            {COLOURS.map(({ name, look, use }) => (
              <li key={name} className="flex items-center gap-3">
                <span
                  aria-hidden="true"
                  className={classNames('size-10 shrink-0 rounded-md border border-line-strong', look)}
                />
                <span>
                  <span className="block font-medium">{name}</span>
                  <span className="block text-sm text-ink-soft">{use}</span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </InBothThemes>
      <InBothThemes title="Type" note="Sizes in CSS pixels. Figures are tabular, so that columns line up.">
        {() => TYPES.map(({ look, name }) => <p key={name} className={look}>{`${name}: 1,024.50`}</p>)}
      </InBothThemes>
      <InBothThemes title="Spacing" note="In CSS pixels.">
        {() => (
          <ul className="grid gap-2">
            {SPACES.map(({ name, look }) => (
              <li key={name} className="flex items-center gap-3">
                <span className="w-12 shrink-0" aria-hidden="true">
                  <span className={classNames('block h-4 bg-accent', look)} />
                </span>
                {name}
              </li>
            ))}
          </ul>
        )}
      </InBothThemes>
    </>
  )
}
