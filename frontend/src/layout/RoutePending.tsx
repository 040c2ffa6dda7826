import { Skeleton } from "@/ui/states";

export function RoutePending() {
  return (
    <div className="mx-auto w-full max-w-[736px] p-6">
      <Skeleton />
    </div>
  );
}
