import { Link, type LinkProps } from '@tanstack/react-router'

interface SectionNavProps {
  readonly label: string
  readonly places: readonly { readonly to: NonNullable<LinkProps['to']>; readonly name: string }[]
  readonly className: string
}

const LINK =
  'flex min-h-11 items-center rounded-md px-3 whitespace-nowrap text-ink-soft hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:font-semibold aria-[current=page]:text-ink'

/** The pages of one section, with the present one marked. */
export function SectionNav({ label, places, className }: SectionNavProps) {
  return (
    <nav aria-label={label} className={className}>
      {places.map(({ to, name }) => (
        <Link key={name} to={to} className={LINK}>
          {name}
        </Link>
      ))}
    </nav>
  )
}
