import { KeyRound } from "lucide-react";
import { type Brand, brandOf } from "./providers";

const SHAPES: Record<Brand, { box: string; paths: { d: string; className: string }[] }> = {
  kakao: {
    box: "0 0 18 18",
    paths: [
      {
        className: "fill-black",
        d: "M9 .6C4.029.6 0 3.713 0 7.552c0 2.388 1.558 4.493 3.932 5.745l-.999 3.648c-.088.322.28.579.563.392l4.377-2.889c.37.036.745.057 1.127.057 4.971 0 9-3.113 9-6.953S13.971.6 9 .6Z",
      },
    ],
  },
  naver: {
    box: "0 0 24 24",
    paths: [
      {
        className: "fill-white",
        d: "M16.273 12.845 7.376 0H0v24h7.726V11.156L16.624 24H24V0h-7.727v12.845Z",
      },
    ],
  },
  google: {
    box: "0 0 48 48",
    paths: [
      {
        className: "fill-[#EA4335]",
        d: "M24 9.5c3.54 0 6.71 1.22 9.21 3.6l6.85-6.85C35.9 2.38 30.47 0 24 0 14.62 0 6.51 5.38 2.56 13.22l7.98 6.19C12.43 13.72 17.74 9.5 24 9.5z",
      },
      {
        className: "fill-[#4285F4]",
        d: "M46.98 24.55c0-1.57-.15-3.09-.38-4.55H24v9.02h12.94c-.58 2.96-2.26 5.48-4.78 7.18l7.73 6c4.51-4.18 7.09-10.36 7.09-17.65z",
      },
      {
        className: "fill-[#FBBC05]",
        d: "M10.53 28.59c-.48-1.45-.76-2.99-.76-4.59s.27-3.14.76-4.59l-7.98-6.19C.92 16.46 0 20.12 0 24c0 3.88.92 7.54 2.56 10.78l7.97-6.19z",
      },
      {
        className: "fill-[#34A853]",
        d: "M24 48c6.48 0 11.93-2.13 15.89-5.81l-7.73-6c-2.15 1.45-4.92 2.3-8.16 2.3-6.26 0-11.57-4.22-13.47-9.91l-7.98 6.19C6.51 42.62 14.62 48 24 48z",
      },
    ],
  },
  github: {
    box: "0 0 24 24",
    paths: [
      {
        className: "fill-current",
        d: "M12 .297c-6.63 0-12 5.373-12 12 0 5.303 3.438 9.8 8.205 11.385.6.113.82-.258.82-.577 0-.285-.01-1.04-.015-2.04-3.338.724-4.042-1.61-4.042-1.61C4.422 18.07 3.633 17.7 3.633 17.7c-1.087-.744.084-.729.084-.729 1.205.084 1.838 1.236 1.838 1.236 1.07 1.835 2.809 1.305 3.495.998.108-.776.417-1.305.76-1.605-2.665-.3-5.466-1.332-5.466-5.93 0-1.31.465-2.38 1.235-3.22-.135-.303-.54-1.523.105-3.176 0 0 1.005-.322 3.3 1.23.96-.267 1.98-.399 3-.405 1.02.006 2.04.138 3 .405 2.28-1.552 3.285-1.23 3.285-1.23.645 1.653.24 2.873.12 3.176.765.84 1.23 1.91 1.23 3.22 0 4.61-2.805 5.625-5.475 5.92.42.36.81 1.096.81 2.22 0 1.606-.015 2.896-.015 3.286 0 .315.21.69.825.57C20.565 22.092 24 17.592 24 12.297c0-6.627-5.373-12-12-12",
      },
    ],
  },
};

/** The symbol of a provider in the shape and colours that its owner asks for; a key for a provider
 * without a brand. It stands on its brand's colour.
 */
export function ProviderMark({ id, size = 20 }: { id: string; size?: number }) {
  const brand = brandOf(id);
  if (!brand) return <KeyRound aria-hidden="true" size={size} />;
  const { box, paths } = SHAPES[brand];
  return (
    <svg viewBox={box} width={size} height={size} aria-hidden="true" className="shrink-0">
      {paths.map((path) => (
        <path key={path.d} {...path} />
      ))}
    </svg>
  );
}
