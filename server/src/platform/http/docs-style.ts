/** The one style sheet of the documentation page; its hash is in the page's content security policy. */
export const docsStyle = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #52595f; --line: #d5d9dd; --back: #fff; --link: #0b57b0 }
@media (prefers-color-scheme: dark) {
  :root { --text: #eceef0; --quiet: #a8b0b7; --line: #3a4046; --back: #14171a; --link: #7db7ff }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--back) }
a { color: var(--link) }
a:focus-visible, .table:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -100vw }
.skip:focus { left: 1rem; top: 1rem; background: var(--back); padding: .5rem }
h1 small { font-size: 1rem; color: var(--quiet) }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
h3 { overflow-wrap: anywhere; margin: 0 }
h4 { margin: 1rem 0 .25rem }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0 }
nav a { display: inline-block; padding: .4rem 0 }
article { margin: 1rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; scroll-margin-top: 1rem }
code { font-family: ui-monospace, monospace; font-size: .95em }
.method { display: inline-block; min-width: 4.5rem; padding: 0 .5rem; border: 1px solid; border-radius: .25rem; font-size: .85rem; text-align: center }
.facts { color: var(--quiet); margin: .25rem 0 }
.table { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line) }
thead th { color: var(--quiet); font-weight: 600; border-top: 0 }
dl { margin: 0; display: grid; grid-template-columns: 3.5rem 1fr; gap: .25rem .5rem }
dt { font-weight: 600 }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere }
dd p { margin: 0 0 .25rem }
@media (max-width: 34rem) {
  thead { position: absolute; left: -100vw }
  tr { display: block; padding: .5rem 0; border-top: 1px solid var(--line) }
  th, td { display: block; padding: 0; border: 0 }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }
`
