/// A page of HTML in one file: no script, and nothing from elsewhere.
public enum HTMLPage {
  /// The page that `body` writes; `more` are rules of style that it needs besides those of all pages.
  public static func document(
    title: String, style more: String = "", body: (inout HTMLWriter) throws -> Void
  ) rethrows -> String {
    var html = HTMLWriter()
    try html.element("main", content: body)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(escaped(title))</title>
      <style>
      \(style)\(more.isEmpty ? "" : "\n\(more)")
      @media (prefers-color-scheme: dark) {
      \(darkStyle)
      \(Palette.darkStyle)
      }
      </style>
      </head>
      <body>
      \(html.html)</body>
      </html>

      """
  }

  private static let style = """
    :root {
      --ground: #ffffff; --ink: #1f2430; --dim: #5b6472; --rule: #dfe2e7; --tint: #f5f6f8;
      --accent: #0b62a4; --shade: #1f24304d;
      --text: Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif;
      --sans: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
      --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    * { box-sizing: border-box; }
    html { color-scheme: light dark; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 1.0625rem/1.6 var(--text); }
    main { max-width: 64rem; margin: 0 auto; padding: 3rem 1.25rem 5rem; }
    header { border-bottom: 2px solid var(--accent); padding-bottom: 1.25rem; }
    h1 { font-size: clamp(1.5rem, 5vw, 2.125rem); line-height: 1.2; margin: 0 0 .5rem; }
    h1, h2, h3 { font-weight: 600; overflow-wrap: anywhere; text-wrap: balance; }
    h2 { font-size: 1.375rem; line-height: 1.3; margin: 3rem 0 .75rem; }
    h3 { font-size: 1.0625rem; margin: 2rem 0 .5rem; }
    p { max-width: 42rem; margin: .75rem 0; overflow-wrap: anywhere; }
    .above { font: .8125rem/1.4 var(--sans); color: var(--accent); margin: 0 0 .5rem; }
    .note { border-left: 3px solid var(--accent); padding-left: .875rem; margin: 1.5rem 0;
      white-space: pre-line; }
    code, pre { font: .875em/1.6 var(--mono); }
    pre { margin: 1rem 0; padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere;
      background: var(--tint); border-radius: 4px; }
    pre span { display: inline-block; max-width: 100%; }
    dl { margin: 1rem 0; border-top: 1px solid var(--rule); }
    dl div { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; padding: .375rem 0;
      border-bottom: 1px solid var(--rule); }
    dt { color: var(--dim); font: .875rem/1.8 var(--sans); }
    dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .scroll { overflow-x: auto; margin: 1rem 0; max-width: 100%;
      /* A shade at each side where something is out of view: covers that scroll along hide it at the ends. */
      background: linear-gradient(to right, var(--ground) 50%, transparent) left / 3rem 100% local,
        linear-gradient(to left, var(--ground) 50%, transparent) right / 3rem 100% local,
        linear-gradient(to right, var(--shade), transparent) left / .875rem 100% scroll,
        linear-gradient(to left, var(--shade), transparent) right / .875rem 100% scroll;
      background-repeat: no-repeat; }
    .scroll > svg > rect:first-of-type { fill: none; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    table { border-collapse: collapse; font: .875rem/1.5 var(--sans); min-width: 100%;
      font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--dim); padding-bottom: .5rem; }
    caption span { display: inline-block; position: sticky; left: 0;
      max-width: min(42rem, calc(100vw - 2rem)); }
    th, td { padding: .375rem .75rem; text-align: left; vertical-align: top; white-space: nowrap;
      border-bottom: 1px solid var(--rule); }
    th:first-child { padding-left: 0; }
    thead th { color: var(--dim); font-weight: 500; border-bottom-color: var(--dim); }
    tbody th { font-weight: 400; }
    .number { text-align: right; }
    .strong > * { font-weight: 600; }
    .gallery { display: grid; gap: 1rem 2rem; margin: 1rem 0;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
    figure, figure.scroll { margin-left: -1rem; margin-right: 0; }
    .gallery figure { margin-top: 0; margin-bottom: 0; }
    svg { display: block; max-width: 100%; height: auto; font-family: var(--sans); }
    .gallery svg { width: 100%; }
    details { margin: 1rem 0; border-top: 1px solid var(--rule); padding-top: .5rem; }
    summary { cursor: pointer; color: var(--accent); font: .9375rem/1.6 var(--sans); }
    .badge { display: inline-block; padding: 0 .625rem; border: 2px solid var(--accent); border-radius: 1rem;
      font: 600 .8125rem/1.6 var(--sans); }
    .badge.filled { background: var(--accent); color: var(--ground); }
    .badge.dashed { border-style: dashed; }
    .steps { position: relative; margin: 2rem 0; }
    .steps > input { position: absolute; opacity: 0; }
    .steps > label { display: inline-block; margin: 0 .25rem .5rem 0; padding: .25rem .75rem; cursor: pointer;
      border: 1px solid var(--dim); border-radius: 1rem; font: .875rem/1.5 var(--sans); }
    .steps > input:checked + label { background: var(--accent); border-color: var(--accent); color: var(--ground); }
    .steps > input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
    .steps > section { display: none; }
    .steps > section > h2 { margin-top: 1.5rem; }
    footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--dim);
      font: .8125rem/1.6 var(--sans); }
    @media (max-width: 36rem) {
      main { padding: 1.5rem 1rem 3rem; }
      dl div { grid-template-columns: 1fr; }
      h2 { margin-top: 2.25rem; }
      th:first-child { white-space: normal; min-width: 4.5rem; }
    }
    @media print {
      .scroll { overflow: visible; }
      details { break-inside: avoid; }
      .steps > input, .steps > label { display: none; }
      .steps > section { display: block !important; }
    }
    """

  private static let darkStyle = """
    :root { --ground: #15181d; --ink: #e3e6eb; --dim: #9aa4b2; --rule: #323945; --tint: #1d2128;
      --accent: #6db3ee; --shade: #8d97a599; }
    """
}
