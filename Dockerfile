FROM python:3.13-slim
WORKDIR /srv/nurture
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY nurture nurture
COPY config config
COPY templates templates
RUN pip install --no-cache-dir --no-build-isolation --no-deps . \
 && useradd --create-home nurture && mkdir var && chown nurture var
USER nurture
ENTRYPOINT ["nurture"]
