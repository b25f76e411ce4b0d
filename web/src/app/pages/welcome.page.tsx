import { Link } from '@tanstack/react-router'
import { ChartLine, KeyRound, ShieldCheck } from 'lucide-react'
import { useVisitor } from '../../lib/me.ts'
import { siteName } from '../../lib/page-meta.ts'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { buttonClass } from '../../ui/button.tsx'

const INTRODUCTION =
  siteName === 'Outcry'
    ? 'Outcry is a free community platform that anyone can host.'
    : `${siteName} runs on Outcry, a free community platform that anyone can host.`

const PARTS = [
  {
    Icon: ChartLine,
    title: 'Your desk',
    text: 'Positions, orders and the equity curve of your own broker accounts, exact to the last digit and with the time they were read.',
  },
  {
    Icon: KeyRound,
    title: 'Several keys, told apart',
    text: 'Keep paper and live keys side by side, each under its own name. Which one you are looking at always stands on the page.',
  },
  {
    Icon: ShieldCheck,
    title: 'A vault that keeps them shut',
    text: 'Keys are sealed; a small process of its own alone can open them, and every use is written down for you to read.',
  },
] as const

export function Page() {
  useDocumentTitle('Welcome')
  const me = useVisitor()
  return (
    <div className="grid gap-12 py-4 sm:py-10">
      <section className="grid max-w-2xl gap-5">
        <h1 className="text-3xl sm:text-4xl">A place for traders who show where their figures come from</h1>
        <p className="text-lg text-ink-soft">
          {INTRODUCTION} Today it holds your account, your broker keys and the desk that reads them. Posts,
          video and chat are still to come.
        </p>
        <div className="flex flex-wrap gap-3">{me ? <WayToDesk name={me.username} /> : <WaysIn />}</div>
      </section>
      <ul className="grid gap-4 md:grid-cols-3">
        {PARTS.map(({ Icon, title, text }) => (
          <li key={title} className="grid content-start gap-2 rounded-lg border border-line bg-surface p-5">
            <Icon size={24} aria-hidden="true" className="text-accent" />
            <h2>{title}</h2>
            <p className="text-ink-soft">{text}</p>
          </li>
        ))}
      </ul>
    </div>
  )
}

function WaysIn() {
  return (
    <>
      <Link to="/signup" className={buttonClass('primary')}>
        Make an account
      </Link>
      <Link to="/signin" className={buttonClass('secondary')}>
        Sign in
      </Link>
    </>
  )
}

function WayToDesk({ name }: { readonly name: string }) {
  return (
    <Link to="/home" className={buttonClass('primary')}>
      Go to your desk, {name}
    </Link>
  )
}
