"""Data sets: explored, checked and compared."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from plexus.studio.page import render_page
from plexus.studio.site import Site


def add_routes(router: APIRouter, site: Site) -> None:
    """Add the pages.

    Args:
        router: The router.
        site: What the pages describe.
    """

    @router.get("/data")
    def index() -> HTMLResponse:
        return render_page("studio/data.html", section="data", title="Data")


def _add_choice(router: APIRouter, reader: DataReader) -> None:
    """Add the pages on which task and data are chosen."""

    @router.get("/data", include_in_schema=False)
    def choose_task() -> HTMLResponse:
        entries = registry().entries("tasks")
        tasks = [(id, entry.summary) for id, entry in entries.items()]
        return render_page("studio_data.html", section=SECTION, title="Data", tasks=tasks, recent=reader.recent())

    @router.get("/data/new", include_in_schema=False)
    def choose_data(request: Request, task: str, data: str = "") -> HTMLResponse:
        return _form_page(request, _task(task), {"name": data})

    @router.post("/data/sets", include_in_schema=False)
    async def read_data(request: Request) -> Response:
        form = await request.form(max_files=MAX_FILES)
        try:
            return await run_in_threadpool(_start, reader, request, form)
        finally:
            await form.close()


def _start(reader: DataReader, request: Request, form: FormData) -> Response:
    """Begin to read the data that the form names, and go to their page."""
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    task = _task(values.get("task", ""))
    try:
        options = option_values(values)
        task.options.parse({"data": "data", **options})  # before an upload is unpacked
        record = reader.start(_data_request(request, task.id, form, options))
    except InputError as error:
        return _form_page(request, task, values, public_text(error))
    return RedirectResponse(f"/data/sets/{record.id}", 303)


def _data_request(request: Request, task: str, form: FormData, options: Mapping[str, str]) -> DataRequest:
    """Return the request for a name, a path or an upload, whichever the form has."""
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    name, path = (str(form.get(field) or "").strip() for field in ("name", "path"))
    chosen = [each for each in (name, path, files) if each]
    if len(chosen) != 1:
        raise InputError("choose the data in one way: a name, a path, or an upload" + (", not several" * bool(chosen)))
    if files:
        upload = Upload.save(files)
        return DataRequest(task, upload.title, options, upload.folder, str(upload.path))
    if path and not _is_local(request):
        raise InputError("a path names files of the machine that the server runs on: only its own browser may use one")
    title = name or Path(without_passwords(path)).name or path
    return DataRequest(task, title, options, None, name or path)


def _is_local(request: Request) -> bool:
    return request.client is not None and request.client.host in LOOPBACK


def _task(id: str) -> "AnyTask":
    try:
        return registry().task(id)
    except InputError as error:
        raise HTTPException(404, public_text(error)) from error


def _form_page(
    request: Request, task: "AnyTask", values: Mapping[str, str], error: str = "", status: int = 422
) -> HTMLResponse:
    fields = [(field, values.get(field.name, "")) for field in option_fields(task)]
    page = render_page(
        "studio_data_new.html",
        section=SECTION,
        title=f"Data for {task.id}",
        trail=TRAIL,
        task=task,
        names=sorted(task.context.datasets),
        values=values,
        fields=fields,
        error=error,
        local=_is_local(request),
        max_megabytes=_max_megabytes(request),
    )
    page.status_code = status if error else 200
    return page


def _max_megabytes(request: Request) -> int:
    middleware = getattr(request.app.state, "middleware", None)
    return middleware.limits.max_bytes >> 20 if middleware is not None else 0


def _add_dataset(router: APIRouter, reader: DataReader) -> None:
    """Add the pages of a dataset."""

    @router.get("/data/sets/{id}", include_in_schema=False)
    def show_overview(request: Request, id: str) -> HTMLResponse:
        record = _record(reader, id)
        if record.state == "failed":
            values = {**{f"{FIELD}{name}": value for name, value in record.request.values.items()}, **_source(record)}
            return _form_page(request, _task(record.request.task), values, record.error)
        if record.exploration is None:
            return _progress_page(record)
        return _section_page("studio_data_set.html", "", record, record.exploration, **overview(record.exploration))

    @router.post("/data/sets/{id}", include_in_schema=False)
    def read_again(id: str) -> Response:
        record = _record(reader, id)
        if record.request.upload is not None and not record.request.upload.exists():
            return RedirectResponse(f"/data/new?task={record.request.task}", 303)
        return RedirectResponse(f"/data/sets/{reader.start(record.request).id}", 303)

    @router.get("/data/sets/{id}/examples", include_in_schema=False)
    def show_examples(id: str, split: str = "", label: str = "", page: int = 1) -> Response:
        record, exploration = _explored(reader, id)
        if exploration is None or not exploration.splits:
            return RedirectResponse(f"/data/sets/{id}", 303)
        content = example_page(record, exploration, split, label, page)
        return _section_page("studio_data_examples.html", "examples", record, exploration, **content)

    @router.get("/data/sets/{id}/columns", include_in_schema=False)
    def show_columns(id: str) -> Response:
        record, exploration = _explored(reader, id)
        if exploration is None or not exploration.columns:
            return RedirectResponse(f"/data/sets/{id}", 303)
        return _section_page("studio_data_columns.html", "columns", record, exploration, columns=exploration.columns)

    @router.get("/data/sets/{id}/duplicates", include_in_schema=False)
    def show_duplicates(id: str) -> Response:
        record, exploration = _explored(reader, id)
        if exploration is None or not exploration.splits:
            return RedirectResponse(f"/data/sets/{id}", 303)
        content = duplicate_groups(record, exploration) if record.duplicates_state == "ready" else {}
        return _section_page("studio_data_duplicates.html", "duplicates", record, exploration, **content)

    @router.get("/data/sets/{id}/labels", include_in_schema=False)
    def show_label_errors(id: str) -> Response:
        record, exploration = _explored(reader, id)
        if exploration is None or not exploration.splits:
            return RedirectResponse(f"/data/sets/{id}", 303)
        ready = record.label_check.state == "ready"
        content = label_errors(record, exploration) if ready else {"check": record.label_check}
        return _section_page("studio_data_labels.html", "labels", record, exploration, **content)

    @router.post("/data/sets/{id}/labels", include_in_schema=False)
    def check_labels(id: str) -> Response:
        record, exploration = _explored(reader, id)
        if exploration is not None:
            reader.check_labels(record)
        return RedirectResponse(f"/data/sets/{id}/labels", 303)


def _add_media(router: APIRouter, reader: DataReader) -> None:
    """Add the files of examples."""

    @router.get("/data/sets/{id}/files/{split}/{row}", include_in_schema=False)
    def show_file(id: str, split: str, row: int, full: bool = False) -> Response:
        _, exploration = _explored(reader, id)
        if exploration is None:
            raise HTTPException(404, "the data are no longer in memory")
        try:
            view = exploration.view(Place(split, row))
            if view.kind == "image":
                content, media_type = image_file(view, FULL if full else THUMBNAIL), "image/png"
            elif view.kind == "sound":
                content, media_type = sound_file(view), "audio/wav"
            else:
                raise InputError("this example is neither an image nor a sound")
        except (InputError, OSError) as error:
            raise HTTPException(404, public_text(error)) from error
        return Response(content, media_type=media_type, headers=PRIVATE_HOUR)


def _record(reader: DataReader, id: str) -> DataRecord:
    record = reader.find(id)
    if record is None:
        raise HTTPException(404, "this server has not read these data: choose them on the page Data")
    return record


def _explored(reader: DataReader, id: str) -> "tuple[DataRecord, Exploration | None]":
    record = _record(reader, id)
    return record, record.exploration


def _source(record: DataRecord) -> dict[str, str]:
    """Return the fields of the form that named the data."""
    if record.request.upload is not None:
        return {}
    is_name = record.request.data in registry().task(record.request.task).context.datasets
    return {"name" if is_name else "path": record.request.data}


def _progress_page(record: DataRecord) -> HTMLResponse:
    return render_page(
        "studio_data_progress.html", section=SECTION, title=record.request.title, trail=TRAIL, record=record
    )


def _section_page(
    template: str, section: str, record: DataRecord, exploration: "Exploration", **values: object
) -> HTMLResponse:
    links = section_links(record, exploration)
    name = next(title for key, title, _ in links if key == section)
    trail = TRAIL if not section else (*TRAIL, (record.request.title, f"/data/sets/{record.id}"))
    return render_page(
        template,
        section=SECTION,
        title=name if section else record.request.title,
        trail=trail,
        record=record,
        current=section,
        links=links,
        **values,
    )
