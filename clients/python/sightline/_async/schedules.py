"""Calls on schedules."""

from collections.abc import AsyncIterator, Sequence

from google.protobuf.field_mask_pb2 import FieldMask

from sightline._async.import_operation import AsyncImportOperation
from sightline._async.imports import AsyncImports
from sightline._inputs import collection_name
from sightline._sources import SourceLike, to_source
from sightline.v1 import import_pb2, import_service_pb2, schedule_pb2


class AsyncSchedules(AsyncImports):
    """The schedules of `sightline.v1.ImportService`."""

    async def create_schedule(
        self,
        schedule_id: str,
        source: SourceLike,
        cron: str,
        *,
        collection: str = "default",
        time_zone: str = "",
        display_name: str = "",
        folder: str = "",
        delete_missing: bool = False,
        skip_duplicates: bool = False,
        paused: bool = False,
    ) -> schedule_pb2.Schedule:
        """Creates a schedule, which imports a source again and again, as `import_images` does.

        `cron`: five fields, such as "30 2 * * *"; `time_zone`: an IANA name, else UTC. Raises AlreadyExists,
        InvalidArgument, NotFound for the collection, FailedPrecondition for a source that the server must not
        read.
        """
        request = import_service_pb2.CreateScheduleRequest(
            parent=collection_name(collection),
            schedule_id=schedule_id,
            schedule=schedule_pb2.Schedule(
                display_name=display_name,
                cron=cron,
                time_zone=time_zone,
                source=to_source(source),
                options=import_pb2.ImportOptions(
                    folder=folder, delete_missing=delete_missing, skip_duplicates=skip_duplicates
                ),
                paused=paused,
            ),
        )
        return await self._call(self._imports.CreateSchedule, request)

    async def get_schedule(self, name: str) -> schedule_pb2.Schedule:
        """Gets a schedule. Raises NotFound."""
        return await self._call(self._imports.GetSchedule, import_service_pb2.GetScheduleRequest(name=name))

    async def list_schedules(
        self, *, collection: str = "default", page_size: int = 0
    ) -> AsyncIterator[schedule_pb2.Schedule]:
        """The schedules of a collection, by name, fetched a page at a time. Raises NotFound."""
        request = import_service_pb2.ListSchedulesRequest(
            parent=collection_name(collection), page_size=page_size
        )
        while True:
            page = await self._call(self._imports.ListSchedules, request)
            for schedule in page.schedules:
                yield schedule
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def update_schedule(
        self, schedule: schedule_pb2.Schedule, fields: Sequence[str]
    ) -> schedule_pb2.Schedule:
        """Writes the named fields; `paused` pauses and resumes. With its etag, only over what was read.

        Raises Aborted, InvalidArgument, NotFound.
        """
        request = import_service_pb2.UpdateScheduleRequest(
            schedule=schedule, update_mask=FieldMask(paths=fields)
        )
        return await self._call(self._imports.UpdateSchedule, request)

    async def delete_schedule(self, name: str) -> None:
        """Deletes a schedule; what it imported stays. Raises NotFound."""
        await self._call(self._imports.DeleteSchedule, import_service_pb2.DeleteScheduleRequest(name=name))

    async def run_schedule(self, name: str) -> AsyncImportOperation:
        """Starts a run now; the one that is under way, where there is one. Raises NotFound."""
        operation = await self._call(
            self._imports.RunSchedule, import_service_pb2.RunScheduleRequest(name=name)
        )
        return AsyncImportOperation(self, operation.name)
